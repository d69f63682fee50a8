// Comma-separated values after RFC 4180, as the program writes them.

/** Rows of fields; a field that begins with a quote may hold commas, line ends and doubled quotes. */
export function csvRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    let field: string;
    if (text[at] === '"') {
      let end = at + 1;
      while (end < text.length && (text[end] !== '"' || text[end + 1] === '"')) end += text[end] === '"' ? 2 : 1;
      field = text.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
    } else {
      let end = at;
      while (end < text.length && text[end] !== "," && text[end] !== "\n") ++end;
      field = text.slice(at, end).replace(/\r$/, "");
      at = end;
    }
    row.push(field);
    while (text[at] === "\r") ++at;
    if (text[at] === ",") {
      ++at;
      if (at < text.length && text[at] !== "\n") continue;
      row.push("");
    }
    rows.push(row);
    row = [];
    ++at;
  }
  return rows;
}
