const [dot, zero, nine] = [46, 48, 57]

/** `10.0.0.7` as a number; undefined for what Node does not take for an IPv4 address. It allocates nothing. */
export function ipv4Number(text: string): number | undefined {
  return ipv4Between(text, 0, text.length)
}

/** The same of a part of a text. */
export function ipv4Between(text: string, from: number, end: number): number | undefined {
  let [address, part, dots] = [0, -1, 0]
  for (let at = from; at < end; at++) {
    const code = text.charCodeAt(at)
    if (code === dot) {
      if (part < 0 || ++dots > 3) return undefined
      address = address * 256 + part
      part = -1
    } else {
      part = withDigit(part, code)
      if (part < 0) return undefined
    }
  }
  return dots === 3 && part >= 0 ? address * 256 + part : undefined
}

/** A part of an IPv4 address with one more digit; -1 for none, or for a digit that cannot follow. */
function withDigit(part: number, code: number): number {
  // A leading zero is octal to some and decimal to others: it is nobody's address.
  if (code < zero || code > nine || part === 0) return -1
  const longer = (part < 0 ? 0 : part * 10) + code - zero
  return longer > 255 ? -1 : longer
}

/** The groups that were read, and the words of the address when all are there: reading an address allocates nothing. */
const groups = new Uint16Array(8)
const words = new Uint32Array(4)

/**
 * The four 32-bit words of an IPv6 address (RFC 4291 section 2.2), most significant first, which is a part of a text;
 * undefined for anything else. The answer is overwritten by the next call.
 */
export function ipv6Between(text: string, from: number, end: number): Uint32Array | undefined {
  const gap = text.indexOf('::', from)
  if (gap < 0 || gap + 2 > end) return spread(readRun(text, from, end, 0, true), -1)
  const before = readRun(text, from, gap, 0, false)
  return before < 0 ? undefined : spread(readRun(text, gap + 2, end, before, true), before)
}

/**
 * Reads groups with a colon between each two of them; only the last of an address may be an IPv4 address.
 * @param count how many have been read before
 * @returns how many have been read altogether; -1 when something else is there
 */
function readRun(text: string, from: number, end: number, count: number, isLast: boolean): number {
  let [at, all] = [from, count]
  while (at < end) {
    const colonAt = text.indexOf(':', at)
    const stop = colonAt < 0 || colonAt > end ? end : colonAt
    const read = readGroup(text, at, stop, all, isLast && stop === end)
    if (read === 0) return -1
    all += read
    if (stop === end) return all
    at = stop + 1
  }
  // A colon at the end is followed by nothing.
  return from === end ? count : -1
}

/** How many groups were read from a part: 2 of an IPv4 address, 1 of up to four digits, 0 of anything else. */
function readGroup(
  text: string,
  from: number,
  end: number,
  count: number,
  isLast: boolean,
): 0 | 1 | 2 {
  if (count > 7 || from === end) return 0
  let value = 0
  for (let at = from; at < end; at++) {
    const digit = hexDigit(text.charCodeAt(at))
    if (digit < 0 || at - from > 3) return isLast ? readIpv4(text, from, end, count) : 0
    value = value * 16 + digit
  }
  groups[count] = value
  return 1
}

function readIpv4(text: string, from: number, end: number, count: number): 0 | 2 {
  const address = count > 6 ? undefined : ipv4Between(text, from, end)
  if (address === undefined) return 0
  groups[count] = address >>> 16
  groups[count + 1] = address & 0xffff
  return 2
}

function hexDigit(code: number): number {
  if (code >= zero && code <= nine) return code - zero
  // Letters differ in one bit from their small ones.
  const letter = (code | 32) - 97
  return letter >= 0 && letter < 6 ? letter + 10 : -1
}

/** Puts the zeros of the gap in; what `::` stands for is one group at least. @param count of groups; -1 for none */
function spread(count: number, gap: number): Uint32Array | undefined {
  if (gap < 0 ? count !== 8 : count < 0 || count > 7) return undefined
  const zeros = 8 - count
  for (let index = 0; index < 4; index++) {
    const high = groupAt(index * 2, gap, zeros)
    words[index] = high * 65_536 + groupAt(index * 2 + 1, gap, zeros)
  }
  return words
}

function groupAt(index: number, gap: number, zeros: number): number {
  if (gap < 0 || index < gap) return groups[index] ?? 0
  return index < gap + zeros ? 0 : (groups[index - zeros] ?? 0)
}
