/// The files of the built-in page, embedded in the binary.
public enum PageFiles {
    public static let html = PackageResources.index_html
    public static let style = PackageResources.page_css
    public static let icon = PackageResources.icon_svg

    /// The contents of the script's files, in the order in which they form one script.
    public static let scripts: [[UInt8]] = [
        PackageResources.dates_js, PackageResources.text_js, PackageResources.authors_js, PackageResources.bubble_js,
        PackageResources.timeline_js, PackageResources.sha256_js, PackageResources.identity_js,
        PackageResources.outbox_js, PackageResources.draft_js, PackageResources.announcer_js,
        PackageResources.refusals_js, PackageResources.health_js, PackageResources.elements_js,
        PackageResources.page_js, PackageResources.name_js, PackageResources.connection_js,
        PackageResources.messages_js, PackageResources.history_js, PackageResources.sending_js,
        PackageResources.unsent_js, PackageResources.composer_js, PackageResources.unread_js,
    ]
}
