import { assertKeeps, type Kit } from '@kong-ts/pdk'
import { AddressList } from './address-list.ts'
import { SourceList, type ListTerms } from './source-list.ts'

/** What of the configuration is about lists. */
export interface ListsConfig {
  readonly allow?: readonly string[]
  readonly deny?: readonly string[]
  readonly allow_from?: readonly string[]
  readonly deny_from?: readonly string[]
  /** Seconds. */
  readonly interval: number
  /** Milliseconds. */
  readonly timeout: number
  readonly keep_in?: string
  readonly tls_verify: boolean
  readonly tls_ca?: string
}

/** Somewhere to look a client up. */
export interface Lookup {
  has(address: string): boolean
}

/** The lists of an instance; those of files and URLs follow these as long as the timer runs. */
export interface Lists {
  /** Undefined: whoever is not denied. */
  readonly allowed: readonly Lookup[] | undefined
  readonly denied: readonly Lookup[]
  readonly timer: NodeJS.Timeout | undefined
}

/** 8 MiB: half a million ranges. */
const limit = 8 * 1024 * 1024

/** @throws with the field and the source, when one of them cannot be read for the first time */
export async function openLists(kit: Kit<ListsConfig>): Promise<Lists> {
  const { allow = [], deny = [], allow_from = [], deny_from = [], keep_in } = kit.config
  if (keep_in !== undefined) await blaming('keep_in', assertKeeps(keep_in))
  const [allowing, denying] = await Promise.all([
    blaming('allow_from', openSources(allow_from, kit)),
    blaming('deny_from', openSources(deny_from, kit)),
  ])
  return {
    // As in Kong, an empty list restricts nothing; a source is in force also while it is empty.
    allowed: allow.length + allow_from.length > 0 ? [...inline(allow), ...allowing] : undefined,
    denied: [...inline(deny), ...denying],
    timer: reloading([...allowing, ...denying], kit.config),
  }
}

function inline(entries: readonly string[]): readonly Lookup[] {
  return entries.length === 0 ? [] : [AddressList.of(entries)]
}

async function openSources(
  sources: readonly string[],
  kit: Kit<ListsConfig>,
): Promise<readonly SourceList[]> {
  const { timeout, interval, keep_in: keepIn, tls_verify: verify, tls_ca: ca } = kit.config
  const terms: ListTerms = { timeout, limit, keepIn, tls: { verify, ca } }
  // Of all workers the first one whose interval is over reads for all of them.
  const lists = sources.map((source) => new SourceList(source, interval * 500, terms, kit))
  await Promise.all(lists.map((list) => list.open()))
  return lists
}

function reloading(
  lists: readonly SourceList[],
  { interval }: ListsConfig,
): NodeJS.Timeout | undefined {
  if (lists.length === 0) return undefined
  const reload = (): void => void Promise.all(lists.map((list) => list.reload()))
  return setInterval(reload, interval * 1000).unref()
}

/** What fails says which field of the configuration it comes from. */
async function blaming<T>(field: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`config.${field}: ${why}`, { cause: error })
  }
}
