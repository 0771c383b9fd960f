/** Why something failed, in words. A name with several addresses fails with an error for each and no words of its own. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (!(error instanceof AggregateError) || error.message !== '') return error.message
  return error.errors.map(reasonOf).join('; ')
}
