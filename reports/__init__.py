"""Reports: a finished run or comparison as a terminal table, a page, figures, and what CI reads.

`result` is what a run says. `reading` reads it for all reports: `measures` by layer, paired `contrasts`, `thresholds`;
`answer` puts it in sentences. `terminal`, `page` and `figures` show it to people; `junit`, `summary` and `annotations`
to CI. `directions` says which way of a measure is better, `against` what a baseline tells. Nothing here knows a running
world.
"""
