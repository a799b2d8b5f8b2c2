// Which files are in what was dropped, folders within folders too.

const OF_THE_SYSTEM = /^(\..*|Thumbs\.db|desktop\.ini|__MACOSX)$/i; // what computers leave in folders by themselves

function fileOf(entry) {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

async function filesIn(entry, isInside = false) {
  if (isInside && OF_THE_SYSTEM.test(entry.name)) return [];
  if (entry.isFile) return [await fileOf(entry)];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    // A browser gives at most a hundred at a time, and none when there are no more.
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return found;
    for (const one of some) found.push(...(await filesIn(one, true)));
  }
}

// The files of what was dropped, and all files of folders.
export async function filesOf(entries) {
  const found = [];
  for (const entry of entries) found.push(...(await filesIn(entry)));
  return found;
}
