/** The address of one delivery. */
export function deliveryPath(id: string): string {
  return `/deliveries/${id}`;
}
