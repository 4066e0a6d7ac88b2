/** Comma-separated values as RFC 4180 has them, with a byte order mark, which spreadsheets need to read UTF-8. */

/** A spreadsheet would run text that begins like a formula; names come from other computers. */
const formulaStart = /^[=+\-@\t\r']/;

export function formatCsv(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const lines = [header, ...rows].map((cells) => cells.map(csvCell).join(','));
  return `\uFEFF${lines.join('\r\n')}\r\n`;
}

function csvCell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const text = formulaStart.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
