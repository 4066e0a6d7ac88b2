export const siteSettingsPage = '/settings/targeted-site-settings';

/** The address of a rule beside the list. */
export function siteSettingsPath(id: string): string {
  return `${siteSettingsPage}/${id}`;
}
