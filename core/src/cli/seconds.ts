import { InvalidArgumentError } from 'commander'

/** Seconds on the command line, as milliseconds. */
export function seconds(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= 0 && value < 1e6) return value * 1000
  throw new InvalidArgumentError('It is a number of seconds.')
}
