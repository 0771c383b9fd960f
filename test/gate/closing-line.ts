import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node'

import { closingLine, count, failureLine } from './count.ts'

/**
 * Ends a run of vitest with one plain line that a machine can read: `N passed, N failed, N skipped`. Before it stands
 * why tests were skipped, of those that say so, and a line for each failure: the end of a long log is often all that
 * is kept of it.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const results = modules.map((module) => ({
      states: [...module.children.allTests()].map((test) => test.result().state),
      broken: module.errors().length,
    }))
    const told = modules.flatMap((module) => [...module.children.allTests('skipped')].map(noteOf))
    for (const line of new Set(told)) process.stdout.write(line)
    const failures = [
      ...modules.flatMap(failuresOf),
      ...unhandled.map(({ message }) => failureLine('unhandled', undefined, message)),
    ]
    process.stdout.write(failures.map((line) => `\n${line}`).join(''))
    process.stdout.write(`\n${closingLine(count(results, unhandled.length))}\n`)
  }
}

function noteOf(test: TestCase): string {
  const result = test.result()
  const note = result.state === 'skipped' ? result.note : undefined
  return note === undefined ? '' : `skipped: ${test.module.relativeModuleId}: ${note}\n`
}

function failuresOf(module: TestModule): string[] {
  const file = `${module.project.name} ${module.relativeModuleId}`
  const tests = [...module.children.allTests('failed'), ...module.children.allTests('pending')]
  return [
    ...module.errors().map(({ message }) => failureLine(file, undefined, message)),
    ...tests.map((test) => failureLine(file, test.fullName, test.result().errors?.[0]?.message)),
  ]
}
