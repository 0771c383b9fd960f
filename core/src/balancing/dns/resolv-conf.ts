import { isIP } from 'node:net'
import { canonical } from './records.ts'

/** What resolv.conf(5) says. */
export interface ResolvConf {
  /** Addresses. */
  readonly servers: readonly string[]
  /** Domains that short names are looked for in. */
  readonly search: readonly string[]
  /** A name with as many dots is first asked for as it is. */
  readonly ndots: number
  /** Seconds. */
  readonly timeout: number
  readonly attempts: number
  readonly rotate: boolean
}

type Options = { -readonly [K in 'ndots' | 'timeout' | 'attempts']: number } & { rotate: boolean }

interface Read {
  readonly servers: string[]
  readonly search: string[]
  readonly options: Options
}

const usual: Options = { ndots: 1, timeout: 5, attempts: 2, rotate: false }

/** The most of each that the C library takes. */
const most = { servers: 3, search: 32, ndots: 15, timeout: 30, attempts: 5 }

/** @param env `LOCALDOMAIN` and `RES_OPTIONS` go before what the file says, as in the C library */
export function parseResolvConf(
  text: string,
  env: Readonly<Record<string, string | undefined>> = {},
): ResolvConf {
  const read: Read = { servers: [], search: [], options: { ...usual } }
  for (const line of text.split('\n')) {
    const [keyword = '', ...words] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/)
    readLine(read, keyword, words)
  }
  const { LOCALDOMAIN: domains, RES_OPTIONS: options } = env
  if (options !== undefined) readLine(read, 'options', wordsOf(options))
  if (domains !== undefined) readLine(read, 'search', wordsOf(domains))
  return {
    ...read.options,
    // Without any the C library asks this machine.
    servers: read.servers.length > 0 ? read.servers.slice(0, most.servers) : ['127.0.0.1'],
    search: read.search
      .map(canonical)
      .filter((domain) => domain !== '')
      .slice(0, most.search),
  }
}

function readLine(
  { servers, search, options }: Read,
  keyword: string,
  words: readonly string[],
): void {
  const [first = ''] = words
  if (keyword === 'nameserver' && isIP(first) !== 0) servers.push(first)
  // Of these two the last one counts.
  if (keyword === 'search') search.splice(0, search.length, ...words)
  if (keyword === 'domain') search.splice(0, search.length, first)
  if (keyword === 'options') for (const word of words) set(options, word)
}

function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '')
}

function set(options: Options, word: string): void {
  if (word === 'rotate') options.rotate = true
  const [, name, digits] = /^(ndots|timeout|attempts):(\d+)$/.exec(word) ?? []
  if (name !== 'ndots' && name !== 'timeout' && name !== 'attempts') return
  options[name] = Math.min(most[name], Math.max(name === 'ndots' ? 0 : 1, Number(digits)))
}
