import pg from 'pg';

const bigintType = 20;
const numericType = 1700;

/** How values come: 64-bit integers and sums as numbers, as SQLite gives them; everything else as the driver does. */
export const postgresTypes: pg.CustomTypesConfig = {
  getTypeParser: (type, format) => {
    if (format === 'binary' || (type !== bigintType && type !== numericType)) {
      return pg.types.getTypeParser(type, format as 'text');
    }
    return numberOfText;
  },
};

/** Throws for an integer that a number cannot hold exactly: better no answer than a wrong one. */
export function numberOfText(text: string): number {
  const value = Number(text);
  if (/^-?\d+$/.test(text) && !Number.isSafeInteger(value)) {
    throw new RangeError(`The database holds the integer ${text}, which is too large to be counted with.`);
  }
  return value;
}
