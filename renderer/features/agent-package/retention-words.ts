const hoursPerDay = 24;

/** The times that the page offers, in hours. */
const offered: readonly { readonly hours: number; readonly label: string }[] = [
  { hours: hoursPerDay, label: '1 day' },
  { hours: 2 * hoursPerDay, label: '2 days' },
  { hours: 3 * hoursPerDay, label: '3 days' },
  { hours: 7 * hoursPerDay, label: '1 week' },
  { hours: 14 * hoursPerDay, label: '2 weeks' },
  { hours: 30 * hoursPerDay, label: '1 month' },
  { hours: 91 * hoursPerDay, label: '3 months' },
  { hours: 182 * hoursPerDay, label: '6 months' },
  { hours: 365 * hoursPerDay, label: '1 year' },
];

/** What can be chosen: the offered times, and the one in force where something else has set another. */
export function retentionChoices(hoursInForce: number): readonly { readonly hours: number; readonly label: string }[] {
  if (offered.some(({ hours }) => hours === hoursInForce)) return offered;
  const days = hoursInForce / hoursPerDay;
  const label = Number.isInteger(days) ? `${days} days` : `${hoursInForce} hours`;
  return [...offered, { hours: hoursInForce, label }].sort((a, b) => a.hours - b.hours);
}
