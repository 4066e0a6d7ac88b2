import { processCampaigns } from './campaigns.ts';
import { testShareOf } from './support/share.ts';

testShareOf(processCampaigns);
