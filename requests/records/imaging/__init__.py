"""DICOM files as people think of them: studies, series and images, and whose they are."""
