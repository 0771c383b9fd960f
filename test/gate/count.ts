export interface ModuleResult {
  readonly states: readonly string[]
  /** Errors outside any test, such as a file that cannot be imported. */
  readonly broken: number
}

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** Counts tests; a broken file and an unhandled error are failures too, a test that never ran is one. */
export function count(modules: readonly ModuleResult[], unhandled: number): Counts {
  const states = modules.flatMap((module) => module.states)
  const passed = states.filter((state) => state === 'passed').length
  const skipped = states.filter((state) => state === 'skipped').length
  const broken = modules.filter((module) => module.broken > 0).length
  return { passed, skipped, failed: states.length - passed - skipped + broken + unhandled }
}

export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

/** One line for what went wrong in one place: the file, the test if it was one, and the first line of its message. */
export function failureLine(
  file: string,
  name: string | undefined,
  message: string | undefined,
): string {
  const where = name === undefined ? file : `${file} > ${name}`
  return `failure: ${where}: ${(message ?? 'it never ended').split('\n', 1)[0]}`
}
