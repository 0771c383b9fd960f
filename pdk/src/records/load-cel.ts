import { createRequire } from 'node:module'
import type * as Cel from '@marcbachmann/cel-js'

const require = createRequire(import.meta.url)

/** The library of the language of expressions. Loading takes 25 ms, which who has no expression need not wait for. */
export function loadCel(): typeof Cel {
  const cel: typeof Cel = require('@marcbachmann/cel-js')
  return cel
}
