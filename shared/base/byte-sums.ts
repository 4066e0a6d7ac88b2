/** A sum of bytes that is past all measure stays there: a number that counts exactly, also where several are added. */
export const mostBytes = 4_000_000_000_000_000;
