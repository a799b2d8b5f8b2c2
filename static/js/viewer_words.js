// What the viewer says, and the windows it offers.

// Center and width in Hounsfield units: the usual ones of radiology, as in W. D. Foley's and Radiopaedia's tables ("Windowing (CT)").
const CT = [
  ["Soft tissue", 50, 400],
  ["Lung", -600, 1500],
  ["Bone", 400, 1800],
  ["Brain", 40, 80],
  ["Liver", 60, 160],
  ["Chest (mediastinum)", 50, 350],
  ["Spine", 50, 250],
  ["Blood vessels", 300, 600],
];

// The list of views, each with its name: first those that the images bring, then the usual ones of the modality, last all values.
export function presetsFor(modality, views) {
  const sent = views.map(({ name }, view) => ({ name: name || (view ? `As sent, ${view + 1}` : "As sent"), view }));
  const usual = modality === "CT" ? CT : [];
  return [...sent, ...usual.map(([name, center, width]) => ({ name, window: { func: "linear", center, width } })), { name: "All values" }];
}

export const LABELS = {
  Modality: "Kind of scan",
  StudyDescription: "Examination",
  SeriesDescription: "Series",
  StudyDate: "Date",
  SeriesNumber: "Series number",
  BodyPartExamined: "Part of the body",
  Laterality: "Side",
  ViewPosition: "View",
  PatientPosition: "Position of the patient",
  ContrastBolusAgent: "Contrast agent",
  SliceThickness: "Slice thickness (mm)",
  SpacingBetweenSlices: "Distance of slices (mm)",
  ConvolutionKernel: "Reconstruction kernel",
  KVP: "Tube voltage (kV)",
  MagneticFieldStrength: "Magnetic field (T)",
  RepetitionTime: "Repetition time (ms)",
  EchoTime: "Echo time (ms)",
  Manufacturer: "Maker of the device",
  ManufacturerModelName: "Device",
  Rows: "Rows",
  Columns: "Columns",
  BitsStored: "Bits a pixel",
  PhotometricInterpretation: "Color model",
};

export const GONE = {
  ended: ["You can no longer see these images. ", "Open your cases", "/me/"],
  changed: ["The images of this series have changed. ", "Open it again", ""],
};
export const OFFLINE = "We cannot reach the site just now. We keep trying.";
export const UNREADABLE = "This image cannot be shown.";

export function notesOn({ shrunk, exact, spacing, regions, at_detector: atDetector }) {
  const notes = [];
  if (shrunk > 1) notes.push(`Shown at 1/${shrunk} of its size; the file has all pixels.`);
  if (!exact) notes.push("Values are rounded for this view.");
  if (regions.some((area) => area[4])) notes.push("Lengths are in mm within a scanned area, elsewhere in pixels.");
  else if (!spacing || regions.length) notes.push("No size that holds for the whole image: lengths in pixels.");
  else if (atDetector) notes.push("Sizes hold at the detector, not in the body.");
  return notes.join(" ");
}

export function inFigures(value) {
  return Math.abs(value) >= 100 || Number.isInteger(value) ? String(Math.round(value)) : value.toPrecision(3);
}
