import type { Reporter, SerializedError, TestModule } from 'vitest/node'

import { closingLine, count } from './count.ts'

/** Ends a run of vitest with one plain line that a machine can read: `N passed, N failed, N skipped`. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const results = modules.map((module) => ({
      states: [...module.children.allTests()].map((test) => test.result().state),
      broken: module.errors().length,
    }))
    process.stdout.write(`\n${closingLine(count(results, unhandled.length))}\n`)
  }
}
