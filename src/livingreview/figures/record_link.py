"""Where a figure leads to."""

# Beginning of the link from a figure's file to the record of a study on the page.
RECORD_LINK = "../8_report/records.html#record-"
