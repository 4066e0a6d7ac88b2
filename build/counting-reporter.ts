/** A Vitest reporter that tells `npm test` what it counts: tests by outcome, and why something was skipped. */
import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

export interface StageCounts {
  passed: number;
  failed: number;
  /** Reason → number of tests. */
  skipped: Record<string, number>;
}

export default class CountingReporter implements Reporter {
  onTestRunEnd(testModules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts: StageCounts = { passed: 0, failed: unhandledErrors.length, skipped: {} };
    for (const testModule of testModules) {
      counts.failed += testModule.errors().length;
      for (const test of testModule.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') counts.passed++;
        else if (result.state === 'skipped') {
          const reason = result.note ?? `${testModule.relativeModuleId} marks "${test.name}" as skipped`;
          counts.skipped[reason] = (counts.skipped[reason] ?? 0) + 1;
        } else counts.failed++;
      }
    }
    const file = process.env.FANOUT_TEST_COUNTS;
    if (file !== undefined) writeFileSync(file, JSON.stringify(counts));
  }
}
