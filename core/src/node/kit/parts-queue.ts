import type { Part } from '@kong-ts/pdk'
import { addToParts, fits, partsAt, totalOf } from '@kong-ts/pdk/host'
import type { Swap, Version } from '../../store/numbers.ts'
import { AskerQueue } from './gathering.ts'
import type { NumberAnswer, NumberAsk } from './messages.ts'

/**
 * Those that wait for one number whose additions leave again, in their order. Each is decided by what the number was
 * when it was last seen; that stands if nobody else has changed it since, which the store alone knows.
 */
export class PartsQueue extends AskerQueue {
  #decided: readonly NumberAnswer[] = []

  /** The number as it is now. @returns what it is to become; undefined: it stays, and all are answered */
  seen(version: Version | undefined, now: number): Swap | undefined {
    const before = partsAt(version ? readParts(version.text) : [], now)
    let parts = before
    this.#decided = this.askers.map(({ ask }) => {
      const next = decide(parts, ask, now)
      parts = next.parts
      return next.answer
    })
    if (parts === before) {
      this.#answer()
      return undefined
    }
    const { instance, key } = this
    const until = Math.ceil(parts.at(-1)?.until ?? now)
    return { instance, key, replaces: version?.version, text: writeParts(parts), until }
  }

  /** What came of it. */
  swapped(isSwapped: boolean): void {
    if (isSwapped) this.#answer()
  }

  #answer(): void {
    this.askers.splice(0).forEach(({ settle }, i) => {
      const answer = this.#decided[i]
      if (answer) settle(answer)
    })
  }
}

interface Decided {
  readonly parts: readonly Part[]
  readonly answer: NumberAnswer
}

function decide(parts: readonly Part[], { passing }: NumberAsk, now: number): Decided {
  const total = totalOf(parts)
  if (!passing?.sum) return { parts, answer: { added: false, total, parts } }
  if (!fits(total, passing.sum)) return { parts, answer: { added: false, total } }
  const added = addToParts(parts, passing.sum, now)
  return { parts: added, answer: { added: true, total: totalOf(added) } }
}

/** The text is the gateway's own: times and amounts, in turns. */
function readParts(text: string): readonly Part[] {
  const numbers = text.split(' ').map(Number)
  const parts: Part[] = []
  for (let i = 0; i + 1 < numbers.length; i += 2) {
    parts.push({ until: numbers[i] ?? 0, amount: numbers[i + 1] ?? 0 })
  }
  return parts
}

function writeParts(parts: readonly Part[]): string {
  return parts.map(({ until, amount }) => `${until} ${amount}`).join(' ')
}
