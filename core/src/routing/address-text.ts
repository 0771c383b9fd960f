import type { Address, Groups } from './address.ts'

/** Writes an address in its canonical form: RFC 5952 for IPv6. */
export function addressText(address: Address): string {
  return address.family === 4 ? ipv4Text(address.value) : ipv6Text(address.groups)
}

function ipv4Text(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`
}

/** The longest run of two zero groups or more becomes `::`; the first of equals (RFC 5952 section 4.2). */
function ipv6Text(groups: Groups): string {
  let longest = { start: 0, length: 1 }
  let start = 0
  for (const [index, group] of groups.entries()) {
    if (group !== 0) start = index + 1
    else if (index + 1 - start > longest.length) longest = { start, length: index + 1 - start }
  }
  const hex = groups.map((group) => group.toString(16))
  if (longest.length < 2) return hex.join(':')
  const head = hex.slice(0, longest.start).join(':')
  return `${head}::${hex.slice(longest.start + longest.length).join(':')}`
}
