"""Addresses of entry, home and settings."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from jetsync.panel.setup import (
    account,
    activation,
    data,
    deletion,
    general,
    mail,
    member_page,
    people,
    removals,
    second_factor,
    sessions,
    webhooks,
)

public: list[URLPattern | URLResolver] = [
    path("", general.entry, name="home"),
    path("merchants/new/", general.new_merchant, name="merchant-new"),
    path("invitations/<str:token>/", general.invitation, name="invitation"),
    path("second-factor/<slug:slug>/", second_factor.second_factor, name="second-factor"),
    path("accounts/sessions/<int:pk>/end/", sessions.end_session, name="session-end"),
]
merchant: list[URLPattern | URLResolver] = [
    path("", general.home, name="home"),
    path("dashboard/", general.dashboard, name="dashboard"),
    path("settings/", general.general, name="general"),
    path("settings/options/", general.options, name="options"),
    path("settings/mail/", mail.mail_settings, name="mail-settings"),
    path("settings/mail/<str:kind>/", mail.mail_preview, name="mail-preview"),
    path("settings/mail/<str:kind>/letter/", mail.mail_preview_frame, name="mail-preview-frame"),
    path("settings/mail/<str:kind>/test/", mail.mail_test, name="mail-test"),
    path("settings/jet/", account.account, name="account"),
    path("settings/jet/<str:mode>/", account.account, name="account-mode"),
    path("settings/jet/<str:mode>/use/", account.switch_mode, name="account-use"),
    path("settings/jet/<str:mode>/nodes/", account.add_node, name="node-add"),
    path("settings/jet/<str:mode>/nodes/import/", account.import_nodes, name="node-import"),
    path("settings/nodes/<int:pk>/", account.edit_node, name="node-edit"),
    path("settings/nodes/<int:pk>/default/", account.default_node, name="node-default"),
    path("settings/nodes/<int:pk>/remove/", removals.RemoveNode.as_view(), name="node-remove"),
    path("settings/returns/", account.return_locations, name="return-locations"),
    path("settings/returns/new/", account.edit_return_location, name="return-location-new"),
    path("settings/returns/import/", account.import_return_locations, name="return-location-import"),
    path("settings/returns/<int:pk>/", account.edit_return_location, name="return-location-edit"),
    path(
        "settings/returns/<int:pk>/default/", account.default_return_location, name="return-location-default"
    ),
    path(
        "settings/returns/<int:pk>/remove/",
        removals.RemoveReturnLocation.as_view(),
        name="return-location-remove",
    ),
    path("settings/activation/", activation.activation, name="activation"),
    path("settings/activation/live/", activation.live, name="go-live"),
    path("settings/activation/live/widen/", activation.widen, name="go-live-widen"),
    path("settings/activation/run/", activation.run_all, name="activation-run"),
    path("settings/activation/<str:key>/run/", activation.run_step, name="activation-step"),
    path("settings/prerequisites/", general.prerequisites, name="prerequisites"),
    path("settings/members/", people.members, name="members"),
    path("settings/members/factor/", second_factor.RequireFactor.as_view(), name="factor-require"),
    path("settings/members/no-factor/", second_factor.DropFactor.as_view(), name="factor-drop"),
    path("settings/members/<int:pk>/", people.change_member, name="member-change"),
    path("settings/members/<int:pk>/rights/", member_page.member, name="member"),
    path("settings/members/<int:pk>/sessions/", sessions.EndSessions.as_view(), name="member-sessions"),
    path("support-session/end/", member_page.leave_support, name="support-end"),
    path("settings/members/<int:pk>/remove/", removals.RemoveMember.as_view(), name="member-remove"),
    path(
        "settings/invitations/<int:pk>/revoke/",
        removals.WithdrawInvitation.as_view(),
        name="invitation-revoke",
    ),
    path("settings/webhooks/", webhooks.webhooks, name="webhooks"),
    path("settings/webhooks/<int:pk>/", webhooks.webhook, name="webhook"),
    path("settings/webhooks/<int:pk>/test/", webhooks.test, name="webhook-test"),
    path("settings/webhooks/<int:pk>/secret/", webhooks.RenewSecret.as_view(), name="webhook-secret"),
    path("settings/webhooks/<int:pk>/remove/", webhooks.RemoveWebhook.as_view(), name="webhook-remove"),
    path("settings/data/", data.data, name="data"),
    path("settings/data/delete/", deletion.DeleteStore.as_view(), name="store-delete"),
    path("settings/data/keep/", deletion.keep, name="store-keep"),
    path("settings/data/export/", data.export, name="data-export"),
    path("settings/data/export/<int:pk>/", data.download, name="data-export-file"),
    path("settings/tokens/", people.tokens, name="tokens"),
    path("settings/tokens/<int:pk>/revoke/", removals.RevokeToken.as_view(), name="token-revoke"),
]
