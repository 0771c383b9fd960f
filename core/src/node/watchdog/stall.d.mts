import type { Step } from './messages.ts'

export const lookEvery: number
export class Stall {
  constructor(beats: () => number, endAfter: number)
  get milliseconds(): number
  look(): Step | undefined
}
