"""Files of vouchers: what the commands say."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    # The commands
    "command.vouchers": (
        "Files of vouchers: list, attach, save, see which stand behind several vouchers.",
        "凭证附件：列出、添加、导出、查看多张凭证共用的文件。",
    ),
    "command.vouchers_files": (
        "List the files of one VOUCHER, or of all that you may see.",
        "列出某张凭证 VOUCHER 的附件，或您有权查看的全部附件。",
    ),
    "command.vouchers_attach": (
        "Put a FILE beside a VOUCHER; it goes to the CRM where that takes files.",
        "为凭证 VOUCHER 添加文件 FILE；CRM 支持时随下次同步上传。",
    ),
    "command.vouchers_save": (
        "Write copies of the files of a VOUCHER into a FOLDER.",
        "把凭证 VOUCHER 的附件导出到文件夹 FOLDER。",
    ),
    "command.vouchers_duplicates": (
        "List files whose very bytes stand behind several vouchers (roles finance, auditor).",
        "列出内容完全相同、却用于多张凭证的文件（finance、auditor 角色）。",
    ),
    "command.vouchers_retry": (
        "Try again the files that were given up, of one VOUCHER or of all.",
        "重试已放弃的附件：某张凭证 VOUCHER 的，或全部。",
    ),
    "option.voucher": ("the id of a voucher", "凭证编号"),
    "option.voucher_file": ("the file to attach", "要添加的文件"),
    "option.voucher_folder": ("the folder to write into", "导出到的文件夹"),
    # What they say
    "vouchers.none": ("No file is known.", "没有附件。"),
    "vouchers.column_voucher": ("Voucher", "凭证"),
    "vouchers.column_name": ("File", "文件"),
    "vouchers.column_size": ("Bytes", "字节"),
    "vouchers.column_state": ("State", "状态"),
    "vouchers.column_digest": ("SHA-256", "SHA-256"),
    "vouchers.state_held": ("held", "已保存"),
    "vouchers.state_failed": ("failed, is tried again", "失败，将重试"),
    "vouchers.state_refused": ("given up", "已放弃"),
    "vouchers.state_gone": ("gone in the CRM", "CRM 中已删除"),
    "vouchers.state_to_send": ("waits to be sent", "待上传"),
    "vouchers.state_sending": ("on its way", "上传中"),
    "vouchers.state_sent": ("sent", "已上传"),
    "vouchers.reason": ("  {name}: {reason}", "  {name}：{reason}"),
    "vouchers.attached": (
        "{name} is kept for {voucher} ({size} bytes, SHA-256 {digest}).",
        "已为 {voucher} 保存 {name}（{size} 字节，SHA-256 {digest}）。",
    ),
    "vouchers.attached_next": (
        "The next `crm-expenses sync` sends it to the CRM.",
        "下次 `crm-expenses sync` 时上传到 CRM。",
    ),
    "vouchers.saved_count": ("{count} files are in {folder}.", "{folder} 中有 {count} 个文件。"),
    "vouchers.duplicate": (
        "SHA-256 {digest}, {size} bytes, stands behind {count} vouchers:",
        "SHA-256 {digest}（{size} 字节）用于 {count} 张凭证：",
    ),
    "vouchers.duplicate_place": (
        "  {crm} {voucher}  {name}  claims: {claims}  people: {people}",
        "  {crm} {voucher}  {name}  报销单：{claims}  人员：{people}",
    ),
    "vouchers.no_duplicates": (
        "No file stands behind more than one voucher.",
        "没有用于多张凭证的相同文件。",
    ),
    "vouchers.again": (
        "{count} files are tried again by the next `crm-expenses sync`.",
        "{count} 个附件将在下次 `crm-expenses sync` 时重试。",
    ),
    "stage.files": ("Files of vouchers", "凭证附件"),
    "stage.shelf": ("Reading the files of vouchers", "核对凭证附件"),
    "summary.files": (
        "  files        {kept} fetched ({bytes} bytes), {sent} sent",
        "  附件   下载 {kept} 个（{bytes} 字节），上传 {sent} 个",
    ),
    "summary.files_failed": (
        "             {failed} failed and are tried again, {refused} given up: `crm-expenses vouchers files`",
        "         失败待重试 {failed} 个，放弃 {refused} 个：见 `crm-expenses vouchers files`",
    ),
    "audit.files": (
        "All {count} files of vouchers are as they came.",
        "全部 {count} 个凭证附件与收到时一致。",
    ),
    "audit.file_missing": (
        "The file with SHA-256 {digest} is missing in {path}. Restore it from a backup.",
        "{path} 中缺少 SHA-256 为 {digest} 的文件。请从备份恢复。",
    ),
    "audit.file_altered": (
        "The file with SHA-256 {digest} in {path} was altered: its bytes give another digest. Restore it from a backup.",
        "{path} 中 SHA-256 为 {digest} 的文件被改动：其内容的摘要不同。请从备份恢复。",
    ),
}
