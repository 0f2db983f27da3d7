// Conditions in place of sleeps. SLUICE_PATIENCE stretches every limit (sanitizers).
export const patience = Number(process.env.SLUICE_PATIENCE ?? 1);

/** The first true value of `condition`; fails after `seconds`. */
export async function until(condition, what, seconds = 20) {
  for (const end = Date.now() + seconds * patience * 1_000; ;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`did not come within ${seconds * patience} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export function numbers(first, last) {
  return Array.from({ length: last - first }, (_, i) => first + i);
}
