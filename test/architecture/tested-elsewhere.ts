/**
 * The files with behaviour that have no test beside them, and the test that covers each instead.
 * Keep it short: a file belongs here only where a test beside it could do no more than start the whole.
 */
export const testedElsewhere: Readonly<Record<string, string>> = {}
