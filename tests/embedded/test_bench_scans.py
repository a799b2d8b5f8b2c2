"""The scan that ./dev bench sends: a series with places and names of its own, of which one half comes packed."""

import io
import zipfile

from pydicom import dcmread

from secondop.embedded.bench_scans import SPACING, packed, plainly_read, slices


def test_slices_are_one_series_each_with_its_own_name_number_place_and_noise(tmp_path):
    files = dict(slices(3))
    read = [dcmread(io.BytesIO(data)) for data in files.values()]
    assert [one.InstanceNumber for one in read] == [1, 2, 3]
    assert len({one.SOPInstanceUID for one in read}) == len({one.PixelData for one in read}) == 3
    assert len({(one.StudyInstanceUID, one.SeriesInstanceUID, one.Rows, one.Columns) for one in read}) == 1
    first, second, third = (float(one.ImagePositionPatient[2]) for one in read)
    assert abs(second - first - SPACING) < 1e-6 and abs(third - second - SPACING) < 1e-6
    packed(files.items(), tmp_path / "scan.zip")
    with zipfile.ZipFile(tmp_path / "scan.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {f"DICOM/{name}": data for name, data in files.items()}
    plainly_read(files.items())
