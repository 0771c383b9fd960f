import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node'

import { closingLine, count } from './count.ts'

/**
 * Ends a run of vitest with one plain line that a machine can read: `N passed, N failed, N skipped`. Before it stands
 * why tests were skipped, of those that say so.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const results = modules.map((module) => ({
      states: [...module.children.allTests()].map((test) => test.result().state),
      broken: module.errors().length,
    }))
    const told = modules.flatMap((module) => [...module.children.allTests('skipped')].map(noteOf))
    for (const line of new Set(told)) process.stdout.write(line)
    process.stdout.write(`\n${closingLine(count(results, unhandled.length))}\n`)
  }
}

function noteOf(test: TestCase): string {
  const result = test.result()
  const note = result.state === 'skipped' ? result.note : undefined
  return note === undefined ? '' : `skipped: ${test.module.relativeModuleId}: ${note}\n`
}
