import { type Command, Option } from 'commander';
import type { SiteSettings, SiteSettingsRule, SiteTarget } from '../../shared/contracts/site-settings.ts';
import { defaultSiteSettings } from '../../shared/contracts/site-settings.ts';
import type { Site } from '../../shared/contracts/sites-api.ts';
import type { CommandContext } from './command-context.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { chooseNamed, orderedIds } from './name-choice.ts';
import { integerOption, yesNoOption } from './option-values.ts';
import type { JsonOptions } from './server-command.ts';
import { addServerCommand } from './server-command.ts';
import { connect } from './server-connection.ts';
import { chooseSite } from './site-command.ts';
import { formatTable } from './text-format.ts';

interface DraftOptions extends JsonOptions {
  readonly allSites?: true;
  readonly sites?: readonly string[];
  readonly sitesWithBelow?: readonly string[];
  readonly outbound?: number;
  readonly preventServer?: boolean;
  readonly preventForeign?: boolean;
}

interface SetOptions extends DraftOptions {
  readonly name?: string;
  readonly ifVersion?: number;
}

/** `fanout settings site …`: Targeted site settings. */
export function addSiteSettingsCommands(settings: Command, context: CommandContext): void {
  const group = settings
    .command('site')
    .description('Targeted site settings: the first rule in the order that targets a site holds for it.');
  addServerCommand(group, 'list', { description: 'List the rules, first priority first.', json: 'the rules' }).action(
    async (options: JsonOptions) => {
      const console = await connect(options);
      tellAll(await console.call('siteSettings', {}), await console.call('sites', {}), options, context);
    },
  );
  addServerCommand(group, 'show', { description: 'Show a rule and its warnings.', json: 'the rule' })
    .argument('<rule>', 'name or id')
    .action(async (name: string, options: JsonOptions) => {
      const console = await connect(options);
      tell(chooseRule(await console.call('siteSettings', {}), name), await console.call('sites', {}), options, context);
    });
  const draft = (command: Command): Command =>
    command
      .option('--all-sites', 'it is for all sites')
      .addOption(new Option('--sites <sites...>', 'it is for these sites (names or ids)').conflicts('allSites'))
      .addOption(
        new Option('--sites-with-below <sites...>', 'it is for these sites and all below them').conflicts([
          'allSites',
          'sites',
        ]),
      )
      .option(
        '--outbound <KB/s>',
        'what its Package Servers send out together; 0 = unlimited',
        integerOption(0, 10_000_000),
      )
      .option('--prevent-server <yes|no>', 'its computers never download from the Notification Server', yesNoOption)
      .option('--prevent-foreign <yes|no>', 'nor from Package Servers of other sites', yesNoOption);
  draft(
    addServerCommand(group, 'create', {
      description: 'Add a rule, the last in the order.',
      json: 'the rule',
      examples: ['fanout settings site create Branches --sites-with-below Europe --outbound 500 --prevent-server yes'],
    }).argument('<name>'),
  ).action((name: string, options: DraftOptions) => create(name, options, context));
  draft(
    addServerCommand(group, 'set', {
      description: 'Change a rule; what is not named stays as it is.',
      json: 'the saved rule',
      examples: [
        'fanout settings site set Branches --outbound 0',
        'fanout settings site set Branches --outbound 0 --if-version 3   # only if nobody else saved it since',
      ],
    }).argument('<rule>', 'name or id'),
  )
    .option('--name <name>', 'its new name')
    .option('--if-version <version>', 'only where this is its version now', integerOption(1, 999_999_999))
    .action((name: string, options: SetOptions) => set(name, options, context));
  addServerCommand(group, 'delete', { description: 'Delete a rule.', json: 'the deleted rule' })
    .argument('<rule>', 'name or id')
    .action((name: string, options: JsonOptions) => remove(name, options, context));
  addServerCommand(group, 'order', {
    description: 'Put rules first, in this order; the others follow as they were.',
    json: 'all rules in their new order',
    examples: ['fanout settings site order Kiosks Branches'],
  })
    .argument('<rule...>', 'names or ids')
    .action((names: string[], options: JsonOptions) => order(names, options, context));
}

async function create(name: string, options: DraftOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const sites = await console.call('sites', {});
  const target = targetOf(options, sites);
  if (target === null) {
    throw new CommandFailure(exitCodes.usage, 'Say for which sites: --all-sites, --sites or --sites-with-below.');
  }
  const settings = { ...defaultSiteSettings, ...settingsOf(options) };
  const rule = await console.call('createSiteSettings', { body: { name, target, settings } });
  if (options.json) context.print(JSON.stringify(rule));
  else context.print(`${rule.name} (${rule.id}) holds for ${rule.appliesToSites} sites.`);
  tellWarnings(rule, options, context);
}

async function set(nameOrId: string, options: SetOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const rule = chooseRule(await console.call('siteSettings', {}), nameOrId);
  const target = targetOf(options, await console.call('sites', {}));
  const changes = settingsOf(options);
  if (target === null && options.name === undefined && Object.keys(changes).length === 0) {
    throw new CommandFailure(exitCodes.usage, 'Say what to change; see --help.');
  }
  const body = {
    name: options.name ?? rule.name,
    target: target ?? rule.target,
    settings: { ...rule.settings, ...changes },
    version: options.ifVersion ?? rule.version,
  };
  const saved = await console.call('updateSiteSettings', { params: { id: rule.id }, body });
  if (options.json) context.print(JSON.stringify(saved));
  else context.print(`${saved.name} is saved as version ${saved.version}, for ${saved.appliesToSites} sites.`);
  tellWarnings(saved, options, context);
}

async function remove(nameOrId: string, options: JsonOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const rule = chooseRule(await console.call('siteSettings', {}), nameOrId);
  await console.call('deleteSiteSettings', { params: { id: rule.id } });
  context.print(options.json ? JSON.stringify(rule) : `${rule.name} is deleted.`);
}

async function order(names: string[], options: JsonOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const rules = await console.call('siteSettings', {});
  const ids = orderedIds(
    rules,
    names.map((name) => chooseRule(rules, name)),
  );
  const ordered = await console.call('orderSiteSettings', { body: { ids, seen: rules.map(({ id }) => id) } });
  tellAll(ordered, await console.call('sites', {}), options, context);
}

function chooseRule(rules: readonly SiteSettingsRule[], nameOrId: string): SiteSettingsRule {
  return chooseNamed(rules, nameOrId, 'rule', 'rules');
}

/** Null where the options name no sites. */
function targetOf(options: DraftOptions, sites: readonly Site[]): SiteTarget | null {
  const { allSites, sites: named, sitesWithBelow } = options;
  if (allSites) return { kind: 'all' };
  const names = named ?? sitesWithBelow;
  if (names === undefined) return null;
  const siteIds = names.map((name) => chooseSite(sites, name).id);
  return { kind: 'sites', siteIds, ...(sitesWithBelow === undefined ? {} : { withChildren: true }) };
}

function settingsOf({ outbound, preventServer, preventForeign }: DraftOptions): Partial<SiteSettings> {
  return {
    ...(outbound === undefined ? {} : { sharedOutboundKilobytesPerSecond: outbound }),
    ...(preventServer === undefined ? {} : { preventNotificationServer: preventServer }),
    ...(preventForeign === undefined ? {} : { preventForeignPackageServers: preventForeign }),
  };
}

function tellAll(
  rules: readonly SiteSettingsRule[],
  sites: readonly Site[],
  { json }: JsonOptions,
  context: CommandContext,
): void {
  if (json) {
    context.print(JSON.stringify(rules));
    return;
  }
  if (rules.length === 0) context.note('There are no targeted site settings: nothing is limited or prevented.');
  else for (const line of siteSettingsLines(rules, sites)) context.print(line);
}

type NamedSite = Pick<Site, 'id' | 'name'>;

export function siteSettingsLines(rules: readonly SiteSettingsRule[], sites: readonly NamedSite[]): string[] {
  const rows = rules.map(({ priority, name, target, settings, appliesToSites, version }) => [
    `${priority}`,
    name,
    targetText(target, sites),
    `${appliesToSites}`,
    outboundText(settings),
    settings.preventNotificationServer ? 'prevented' : 'allowed',
    settings.preventForeignPackageServers ? 'prevented' : 'allowed',
    `${version}`,
  ]);
  return formatTable([
    ['PRIORITY', 'NAME', 'FOR', 'SITES', 'OUTBOUND', 'FROM THE SERVER', 'FROM OTHER SITES', 'VERSION'],
    ...rows,
  ]);
}

function tell(rule: SiteSettingsRule, sites: readonly Site[], options: JsonOptions, context: CommandContext): void {
  if (options.json) {
    context.print(JSON.stringify(rule));
    return;
  }
  for (const line of siteSettingsLines([rule], sites)) context.print(line);
  tellWarnings(rule, options, context);
}

function tellWarnings({ warnings }: SiteSettingsRule, { json }: JsonOptions, context: CommandContext): void {
  if (!json) for (const warning of warnings) context.note(warning);
}

function targetText(target: SiteTarget, sites: readonly NamedSite[]): string {
  if (target.kind === 'all') return 'all sites';
  const names = target.siteIds.map((id) => sites.find((site) => site.id === id)?.name ?? id);
  return `${names.join(', ')}${target.withChildren ? ' and below' : ''}`;
}

function outboundText({ sharedOutboundKilobytesPerSecond: limit }: SiteSettings): string {
  return limit === 0 ? 'unlimited' : `${limit} KB/s`;
}
