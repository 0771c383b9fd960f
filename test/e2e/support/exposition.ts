import { request } from 'node:http'

/** A value under some labels. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Family {
  readonly type: string
  readonly help: string
  readonly samples: readonly Sample[]
}

export type Families = ReadonlyMap<string, Family>

const types: ReadonlySet<string> = new Set(['counter', 'gauge', 'histogram', 'untyped'])

const helpLine = /^# HELP (?<name>[a-zA-Z_:][\w:]*) (?<words>.*)$/
const typeLine = /^# TYPE (?<name>[a-zA-Z_:][\w:]*) (?<words>\S+)$/
const sampleLine =
  /^(?<name>[a-zA-Z_:][\w:]*)(?:\{(?<list>(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (?<value>\S+)$/

/**
 * Reads the text format of Prometheus, version 0.0.4, and nothing that is not quite it.
 * @throws with the line that is wrong
 */
export function parseMetrics(text: string): Families {
  if (!text.endsWith('\n')) throw new Error('the last line does not end')
  const reader = new Reader()
  for (const line of text.split('\n').slice(0, -1)) if (line !== '') reader.read(line)
  for (const [name, family] of reader.families) if (family.type === 'histogram') check(name, family)
  return reader.families
}

class Reader {
  readonly families = new Map<string, { type: string; help: string; samples: Sample[] }>()
  readonly #seen = new Set<string>()
  #current = ''
  #help = ''

  read(line: string): void {
    const why = this.#readHelp(line) ?? this.#readType(line) ?? this.#readSample(line)
    if (why) throw new Error(`${why}: ${line}`)
  }

  /** Each answers with what is wrong, with nothing when it has read the line, or undefined when it is not its kind. */
  #readHelp(line: string): string | undefined {
    const { name, words = '' } = helpLine.exec(line)?.groups ?? {}
    if (name === undefined) return undefined
    this.#current = name
    this.#help = words
    return this.families.has(name) ? 'a family is there twice' : ''
  }

  #readType(line: string): string | undefined {
    const { name, words: type = '' } = typeLine.exec(line)?.groups ?? {}
    if (name === undefined) return undefined
    if (name !== this.#current || this.families.has(name)) return 'the type is out of place'
    this.families.set(name, { type, help: this.#help, samples: [] })
    return types.has(type) ? '' : 'no such type'
  }

  #readSample(line: string): string {
    const family = this.families.get(this.#current)
    if (!family) return 'a sample without its type'
    const sample = parseSample(line)
    const parts = family.type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
    const isOf = parts.some((part) => sample.name === this.#current + part)
    const key = JSON.stringify([sample.name, Object.entries(sample.labels).map(String).toSorted()])
    if (!isOf || this.#seen.has(key)) return 'a series is out of place, or there twice'
    this.#seen.add(key)
    family.samples.push(sample)
    return family.type !== 'counter' || sample.value >= 0 ? '' : 'a counter below 0'
  }
}

function parseSample(line: string): Sample {
  const { name, list = '', value: text = '' } = sampleLine.exec(line)?.groups ?? {}
  if (name === undefined) throw new Error(`no line of the format: ${line}`)
  const pairs = [...list.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)]
  const labels = Object.fromEntries(pairs.map(([, label, value]) => [label, plain(value ?? '')]))
  if (Object.keys(labels).length < pairs.length) throw new Error(`a label is there twice: ${line}`)
  return { name, labels, value: numberOf(text) }
}

function numberOf(text: string): number {
  const value = text === '+Inf' ? Infinity : Number(text)
  if (Number.isNaN(value)) throw new Error(`no number: ${text}`)
  return value
}

function plain(escaped: string): string {
  return escaped.replace(/\\(.)/g, (_, character) => (character === 'n' ? '\n' : character))
}

/** Every histogram has buckets that grow up to its count, and one sum. */
function check(name: string, { samples }: Family): void {
  const of = (part: string) => samples.filter((sample) => sample.name === name + part)
  for (const { labels, value: count } of of('_count')) {
    const isMine = (other: Sample) =>
      Object.entries(labels).every(([label, value]) => other.labels[label] === value)
    const buckets = of('_bucket').filter(isMine)
    const bounds = buckets.map(({ labels: { le = '' } }) => numberOf(le))
    const counts = buckets.map(({ value }) => value)
    const isWhole = bounds.at(-1) === Infinity && counts.at(-1) === count
    if (!isWhole || !ascends(bounds) || !ascends(counts) || of('_sum').filter(isMine).length !== 1)
      throw new Error(`the parts of ${name} do not fit: ${JSON.stringify(labels)}`)
  }
}

function ascends(numbers: readonly number[]): boolean {
  return numbers.every((number, at) => at === 0 || number >= (numbers[at - 1] ?? Infinity))
}

/** The only value of a sample whose labels are at least these; 0 without one. */
export function valueOf(families: Families, name: string, labels: object = {}): number {
  const family = families.get(name) ?? families.get(name.replace(/_(bucket|sum|count)$/, ''))
  const found = (family?.samples ?? []).filter(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  )
  if (found.length > 1) throw new Error(`${name} has ${found.length} such values`)
  return found[0]?.value ?? 0
}

/** What a port of loopback answers to GET, as a text. */
export function fetchText(
  port: number,
  path: string,
  accept = '*/*',
): Promise<{ readonly status: number; readonly type: string; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, headers: { accept }, agent: false }
    const sent = request(options, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      const type = response.headers['content-type'] ?? ''
      response.on('end', () => resolve({ status: response.statusCode ?? 0, type, text }))
      response.on('error', reject)
    })
    sent.on('error', reject).end()
  })
}

export async function scrape(port: number): Promise<Families> {
  const { status, text } = await fetchText(port, '/metrics')
  if (status !== 200) throw new Error(`/metrics: ${status} ${text}`)
  return parseMetrics(text)
}
