/** The whole number that a flag states, digits only; undefined for anything else, or less than `least`. */
export function whole(text: string, least: number): number | undefined {
  const value = Number(text);
  return /^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least ? value : undefined;
}
