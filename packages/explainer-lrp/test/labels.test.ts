import { describeLabels } from '@espalier/core/testing';
import { relevance } from '@espalier/explainer-lrp';

describeLabels(relevance);
