"""The code systems of health care by the names people know, whichever way a document writes them."""

LOINC, SNOMED, RXNORM, CVX, ICD10 = "LOINC", "SNOMED CT", "RxNorm", "CVX", "ICD-10-CM"
NAMES = {
    "http://loinc.org": LOINC,
    "2.16.840.1.113883.6.1": LOINC,
    "http://snomed.info/sct": SNOMED,
    "2.16.840.1.113883.6.96": SNOMED,
    "http://www.nlm.nih.gov/research/umls/rxnorm": RXNORM,
    "2.16.840.1.113883.6.88": RXNORM,
    "http://hl7.org/fhir/sid/cvx": CVX,
    "2.16.840.1.113883.12.292": CVX,
    "2.16.840.1.113883.6.59": CVX,
    "http://hl7.org/fhir/sid/icd-10-cm": ICD10,
    "2.16.840.1.113883.6.90": ICD10,
    "http://hl7.org/fhir/sid/icd-10": "ICD-10",
    "2.16.840.1.113883.6.3": "ICD-10",
    "http://hl7.org/fhir/sid/icd-9-cm": "ICD-9-CM",
    "2.16.840.1.113883.6.103": "ICD-9-CM",
    "2.16.840.1.113883.6.104": "ICD-9-CM",
    "http://www.ama-assn.org/go/cpt": "CPT",
    "2.16.840.1.113883.6.12": "CPT",
    "http://hl7.org/fhir/sid/ndc": "NDC",
    "2.16.840.1.113883.6.69": "NDC",
    "http://fdasis.nlm.nih.gov": "UNII",
    "2.16.840.1.113883.4.9": "UNII",
    "2.16.840.1.113883.6.285": "HCPCS",
}
# What these codes deny or leave empty has to be readable where a document gives the code alone (SNOMED CT).
NONE_KNOWN = {
    "716186003": "No known allergy",
    "160244002": "No known allergies",
    "409137002": "No known drug allergy",
    "429625007": "No known food allergy",
    "428607008": "No known environmental allergy",
    "160245001": "No current problems or disability",
}
PREFERRED = (LOINC, SNOMED, RXNORM, CVX, ICD10)


def system_name(address: str) -> str:
    """The name of a code system by its web address or OID; an unknown one is called by its address."""
    address = address.removeprefix("urn:oid:")
    return NAMES.get(address, address)


def rank(system: str) -> int:
    """Smaller for the systems that documents share, so that the same thing gets the same code."""
    return PREFERRED.index(system) if system in PREFERRED else len(PREFERRED)
