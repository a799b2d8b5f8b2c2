// How long a line is, from [x, y] to [x, y] in pixels of the image as it is shown.

const within = ([left, top, right, bottom], [x, y]) => left <= x && x <= right && top <= y && y <= bottom;

// Millimeters of a row and a column where both ends lie: those of the area of an ultrasound picture, else of the whole image.
export function spacingFor({ spacing, regions }, from, to) {
  if (!regions.length) return spacing;
  const area = regions.find((each) => within(each, from) && within(each, to));
  return area && area[4] ? area.slice(4) : null;
}

// In millimeters only where the file says how large a pixel is in the body.
export function lengthOf(about, from, to) {
  const spacing = spacingFor(about, from, to);
  const [byX, byY] = [to[0] - from[0], to[1] - from[1]];
  if (!spacing) return `${Math.round(Math.hypot(byX, byY) * about.shrunk)} pixels`;
  const length = Math.hypot(byX * spacing[1], byY * spacing[0]).toFixed(1);
  return about.at_detector ? `${length} mm at the detector` : `${length} mm`;
}
