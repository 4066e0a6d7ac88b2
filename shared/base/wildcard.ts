const star = 42;
const questionMark = 63;

/**
 * Whether the whole text is the pattern, in which `*` is any run of characters and `?` is one. Case counts. Takes at most
 * length × length steps: a regular expression made of the pattern would take exponentially many for some.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  let at = 0;
  let inPattern = 0;
  /** Where to go on when what follows the last star did not fit: one character of the text later. */
  let afterStar = -1;
  let retryAt = 0;
  while (at < text.length) {
    const wanted = inPattern < pattern.length ? pattern.charCodeAt(inPattern) : -1;
    if (wanted === star) {
      afterStar = ++inPattern;
      retryAt = at;
    } else if (wanted === questionMark || wanted === text.charCodeAt(at)) {
      inPattern++;
      at++;
    } else if (afterStar >= 0) {
      inPattern = afterStar;
      at = ++retryAt;
    } else {
      return false;
    }
  }
  while (pattern.charCodeAt(inPattern) === star) inPattern++;
  return inPattern === pattern.length;
}
