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

// The list of views for a modality: name, center, width. The first is what each image brings, the last all its values.
export function presetsFor(modality) {
  return [["As sent", null, null], ...(modality === "CT" ? CT : []), ["All values", NaN, NaN]];
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

export function notesOn({ shrunk, exact, spacing, at_detector: atDetector }) {
  const notes = [];
  if (shrunk > 1) notes.push(`Shown at 1/${shrunk} of its size; the file has all pixels.`);
  if (!exact) notes.push("Values are rounded for this view.");
  if (!spacing) notes.push("No size that holds for the whole image: lengths in pixels.");
  else if (atDetector) notes.push("Sizes hold at the detector, not in the body.");
  return notes.join(" ");
}

export function inFigures(value) {
  return Math.abs(value) >= 100 || Number.isInteger(value) ? String(Math.round(value)) : value.toPrecision(3);
}
