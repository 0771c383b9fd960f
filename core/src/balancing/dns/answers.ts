import type { Answer, Located } from '../names.ts'

/** Whether two answers lead to the same places; without any, whether the reason is the same. */
export function isSameAnswer(a: Answer, b: Answer): boolean {
  if (a === b) return true
  if (a.type !== b.type || a.addresses.length !== b.addresses.length) return false
  if (a.addresses.length === 0) return a.error === b.error
  const places = new Set(a.addresses.map(textOf))
  return b.addresses.every((address) => places.has(textOf(address)))
}

function textOf({ ip, port, weight, name }: Located): string {
  return `${ip} ${port ?? ''} ${weight ?? ''} ${name ?? ''}`
}
