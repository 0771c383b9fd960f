/** How the text of a setting becomes its value. */
export interface Kind<T> {
  /** What may be written, for the table of settings and for errors. */
  readonly accepts: string
  /** @throws Invalid when the text is not what `accepts` says */
  parse(text: string, at: Place): T
}

/** What a parser may know beside the text. */
export interface Place {
  /** The setting as the operator named it: its own name or an alias. */
  readonly name: string
  readonly cwd: string
  /** The absolute prefix, which log files are relative to. */
  readonly prefix: string
  readonly warn: (message: string) => void
}

/** The text of one setting is wrong; the message names the setting and what would be right. */
export class Invalid extends Error {
  override readonly name = 'Invalid'
}

export function boolean(): Kind<boolean> {
  const words = new Map([
    ['on', true],
    ['true', true],
    ['off', false],
    ['false', false],
  ])
  return {
    accepts: '`on`, `off`',
    parse(text, { name }) {
      const value = words.get(text)
      if (value === undefined) throw new Invalid(`${name} is not a boolean: '${text}' (on, off)`)
      return value
    },
  }
}

export function integer(range: { readonly min: number; readonly max: number }): Kind<number> {
  const accepts = `${range.min} to ${range.max}`
  return {
    accepts,
    parse(text, { name }) {
      if (!/^-?\d+$/.test(text)) {
        throw new Invalid(`${name} is not a number: '${text}' (a whole number, ${accepts})`)
      }
      const value = Number(text)
      if (value < range.min || value > range.max) {
        throw new Invalid(`${name} is out of range: '${text}' (${accepts})`)
      }
      return value
    },
  }
}

export function oneOf<const T extends string>(choices: readonly T[]): Kind<T> {
  return {
    accepts: choices.map((choice) => `\`${choice}\``).join(', '),
    parse(text, { name }) {
      const value = choices.find((choice) => choice === text)
      if (value === undefined) throw invalidChoice(name, text, choices)
      return value
    },
  }
}

/** Kong's words for a value that is not one of a few. */
function invalidChoice(name: string, text: string, choices: readonly string[]): Invalid {
  return new Invalid(`${name} has an invalid value: '${text}' (${choices.join(', ')})`)
}

export function string(accepts: string): Kind<string> {
  return { accepts, parse: (text) => text }
}

/** An empty text means that nothing is set. */
export function optional<T>(kind: Kind<T>): Kind<T | undefined> {
  return {
    accepts: kind.accepts,
    parse: (text, at) => (text === '' ? undefined : kind.parse(text, at)),
  }
}

/** The parts of a comma separated text, trimmed; empty ones are dropped. */
export function splitList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** A comma separated list. */
export function listOf<T>(kind: Kind<T>, accepts = `list of ${kind.accepts}`): Kind<readonly T[]> {
  return {
    accepts,
    parse: (text, at) => Object.freeze(splitList(text).map((part) => kind.parse(part, at))),
  }
}
