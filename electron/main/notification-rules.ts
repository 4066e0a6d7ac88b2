import type { DesktopPreferences } from '../../shared/contracts/desktop-preferences.ts';
import type { DesktopStatus, WatchedAlert, WatchedDelivery } from './desktop-status.ts';

export interface NotificationText {
  readonly title: string;
  readonly body: string;
  /** The page that a click opens. */
  readonly path: string;
}

/** An agent that goes on handing out corrupt blocks is worth a word so often. */
const alertAgainMs = 60 * 60_000;
/** More at once would be noise: the rest is in the console. */
const mostAtOnce = 3;

/**
 * What happened between two looks that a person wants to be told. The first look tells nothing: what is old when the application
 * starts is no news.
 */
export class NotificationRules {
  #deliveries: ReadonlyMap<string, WatchedDelivery> | null = null;
  /** Deliveries of which it was said, or need not be, that so many agents have the package. */
  readonly #penetrated = new Set<string>();
  /** When an alert was told last, by whom it is about. */
  #alerts: ReadonlyMap<string, number> | null = null;

  take(status: DesktopStatus, preferences: DesktopPreferences): readonly NotificationText[] {
    const news = [...this.#takeAlerts(status.alerts, preferences), ...this.#takeDeliveries(status, preferences)];
    return news.slice(0, mostAtOnce);
  }

  #takeDeliveries({ deliveries }: DesktopStatus, preferences: DesktopPreferences): NotificationText[] {
    const before = this.#deliveries;
    this.#deliveries = new Map(deliveries.map((delivery) => [delivery.id, delivery]));
    const news: NotificationText[] = [];
    for (const delivery of deliveries) {
      const hasReached = reaches(delivery, preferences.penetrationPercent);
      const isNew = hasReached && !this.#penetrated.has(delivery.id);
      if (hasReached) this.#penetrated.add(delivery.id);
      if (before === null) continue;
      const hasFinished = delivery.status === 'finished' && before.get(delivery.id)?.status !== 'finished';
      if (hasFinished && preferences.notifyOfFinishedDeliveries) news.push(finished(delivery));
      else if (isNew && !hasFinished && preferences.notifyOfPenetration) news.push(reached(delivery));
    }
    for (const id of this.#penetrated) if (!this.#deliveries.has(id)) this.#penetrated.delete(id);
    return news;
  }

  #takeAlerts(alerts: readonly WatchedAlert[], { notifyOfAlerts }: DesktopPreferences): NotificationText[] {
    const before = this.#alerts;
    const told = new Map<string, number>();
    const news: NotificationText[] = [];
    for (const alert of alerts) {
      const key = `${alert.kind} ${alert.agentId}`;
      const known = Math.max(told.get(key) ?? 0, before?.get(key) ?? 0);
      const isNews = before !== null && (known === 0 || alert.lastAtMs - known > alertAgainMs);
      if (isNews && notifyOfAlerts) news.push(warning(alert));
      told.set(key, known === 0 || isNews ? alert.lastAtMs : known);
    }
    this.#alerts = told;
    return news;
  }
}

function reaches({ agents, ready }: WatchedDelivery, percent: number): boolean {
  return agents > 0 && ready * 100 >= agents * percent;
}

function finished({ id, packageName, version, agents, ready, failed }: WatchedDelivery): NotificationText {
  const outcome =
    failed === 0 ? `${ready} of ${agents} agents have it` : `${ready} of ${agents} agents have it, ${failed} failed`;
  return { title: `${packageName} ${version} is delivered`, body: `${outcome}.`, path: `/deliveries/${id}` };
}

function reached({ id, packageName, version, agents, ready }: WatchedDelivery): NotificationText {
  const percent = Math.floor((ready * 100) / agents);
  return {
    title: `${packageName} ${version} has reached ${percent} %`,
    body: `${ready} of ${agents} agents have it.`,
    path: `/deliveries/${id}`,
  };
}

function warning({ kind, agentId, agentName, detail }: WatchedAlert): NotificationText {
  const title =
    kind === 'corrupt-blocks'
      ? `${agentName} hands out corrupt blocks`
      : `Two computers say that they are ${agentName}`;
  return { title, body: detail, path: `/agents/${agentId}` };
}
