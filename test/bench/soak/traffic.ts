import { habits, type Habit } from './habits.ts'

/** Clients at a time. */
const clients = 16

export interface Tally {
  done: number
  /** Got less than it was due, or something else; and when that began and ended. */
  readonly broken: { readonly habit: string; readonly from: number; readonly to: number }[]
}

/** Runs all habits in turn, for as long as it is told, and until the last one has come to its end. */
export async function drive(
  port: number,
  isOver: () => boolean,
  tallies: Map<string, Tally>,
): Promise<void> {
  const all = Object.entries(habits)
  let turn = 0
  const client = async (): Promise<void> => {
    while (!isOver()) {
      const [name, habit] = all[turn % all.length] ?? []
      turn += 1
      if (name !== undefined && habit) await run(name, habit, port, turn, tallies)
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
}

async function run(
  habit: string,
  work: Habit,
  port: number,
  turn: number,
  tallies: Map<string, Tally>,
): Promise<void> {
  const from = performance.now()
  const isServed = await work(port, turn)
  const tally = tallies.get(habit) ?? { done: 0, broken: [] }
  tallies.set(habit, tally)
  tally.done += 1
  if (isServed === false) tally.broken.push({ habit, from, to: performance.now() })
}
