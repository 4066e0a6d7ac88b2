import { z } from 'zod';

/** All states of a package on an agent. Only `downloading` and `ready` are announced to peers. */
export const packageStates = [
  'queued',
  'downloading',
  'ready',
  'failed',
  'installing',
  'installed',
  'withdrawn',
] as const;
export const packageStateSchema = z.enum(packageStates);
export type PackageState = z.infer<typeof packageStateSchema>;

export const announcedPackageStateSchema = z.enum(['downloading', 'ready']);
export type AnnouncedPackageState = z.infer<typeof announcedPackageStateSchema>;

/** In falling order of urgency. */
export const deliveryPriorities = ['emergency', 'normal', 'background'] as const;
export const deliveryPrioritySchema = z.enum(deliveryPriorities);
export type DeliveryPriority = z.infer<typeof deliveryPrioritySchema>;
