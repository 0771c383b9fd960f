/** A named check on a string, and what to say about a value that fails it. */
export interface Format {
  accepts(value: string): boolean
  complain(value: string): string
}
