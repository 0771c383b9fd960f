/**
 * The files with behaviour that have no test beside them, and the test that covers each instead.
 * Keep it short: a file belongs here only where a test beside it could do no more than start the whole.
 */
export const testedElsewhere: Readonly<Record<string, string>> = {
  // The inside of a worker process, which its link forks in the test.
  'core/src/node/worker-process.ts': 'core/src/node/forked-link.test.ts',
  'core/src/start.ts': 'test/e2e/process.test.ts',
}
