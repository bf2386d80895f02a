"""Reports: a finished run or comparison as a terminal table, a page, figures, and JUnit XML.

`result` is what a run says. `reading` reads it for all reports: `measures` by layer, paired `contrasts`, `thresholds`;
`answer` puts it in sentences. `terminal`, `page`, `figures` and `junit` show it. Nothing here knows a running world.
"""
