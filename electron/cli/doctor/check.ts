/** What one look at this computer found. */
export interface Check {
  /** What was looked at, such as `Node.js` or `UDP port 27801`. */
  readonly subject: string;
  /** `skipped`: it could not be looked at, and nothing is wrong with that. */
  readonly status: 'ok' | 'problem' | 'skipped';
  /** A sentence. */
  readonly finding: string;
  /** For a problem: what to do. */
  readonly advice: string | null;
}

export function ok(subject: string, finding: string): Check {
  return { subject, status: 'ok', finding, advice: null };
}

export function skipped(subject: string, finding: string): Check {
  return { subject, status: 'skipped', finding, advice: null };
}

export function problem(subject: string, finding: string, advice: string): Check {
  return { subject, status: 'problem', finding, advice };
}

/** A line each, and what to do below a problem. */
export function checkLines(checks: readonly Check[]): string[] {
  return checks.flatMap(({ subject, status, finding, advice }) => [
    `${status.padEnd(7)}  ${subject}: ${finding}`,
    ...(advice === null ? [] : [`         → ${advice}`]),
  ]);
}
