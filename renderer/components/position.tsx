import {
  Breadcrumb,
  BreadcrumbButton,
  BreadcrumbDivider,
  BreadcrumbItem,
  makeStyles,
} from '@fluentui/react-components';

const useStyles = makeStyles({ crumbs: { marginLeft: '-8px' } });

/** Above the title of a page that belongs to a list: the way back, and what is shown. */
export function Position({ list, path, name }: { list: string; path: string; name: string }) {
  const styles = useStyles();
  return (
    <Breadcrumb aria-label="Position" size="small" className={styles.crumbs}>
      <BreadcrumbItem>
        <BreadcrumbButton href={`#${path}`}>{list}</BreadcrumbButton>
      </BreadcrumbItem>
      <BreadcrumbDivider />
      <BreadcrumbItem>
        <BreadcrumbButton current>{name}</BreadcrumbButton>
      </BreadcrumbItem>
    </Breadcrumb>
  );
}
